"""The trade's words for coded values, in Chinese and English (docs/glossary.md)."""

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]

UNIT_TYPES = {
    "estate": ("楼盘小区", "Commercial estate"),
    "rental": ("出租屋连片区", "Rental area"),
    "commercial": ("商贸区", "Commercial district"),
    "factory": ("工厂生活小区", "Factory living area"),
    "rural": ("农村社区", "Rural community"),
    "old_estate": ("老旧小区", "Old estate"),
    "resettlement": ("拆迁安置小区", "Resettlement estate"),
}
DUTIES = {
    "dispatch": ("调度", "Dispatch"),
    "patrol": ("巡查", "Patrol"),
    "disposal": ("处置", "Disposal"),
    "enforcement": ("执法", "Enforcement"),
}
OFFICER_ROLES = {
    "manager": ("网格管理员", "Grid manager"),
    "assistant": ("网格协管员", "Grid assistant"),
    "police": ("网格警务员", "Grid police"),
    "supervisor": ("网格督导员", "Grid supervisor"),
}
STATES = {
    "collected": ("已采集", "Collected"),
    "accepted": ("已受理", "Accepted"),
    "dispatched": ("已派遣", "Dispatched"),
    "handling": ("处置中", "Handling"),
    "feedback": ("已反馈", "Feedback given"),
    "verified": ("已核查", "Verified"),
    "closed": ("已结案", "Closed"),
    "returned": ("已退回", "Returned"),
    "suspended": ("已挂账", "Suspended"),
    "rejected": ("不予受理", "Rejected"),
    "merged": ("已并案", "Merged"),
}
FACILITY_LEVELS = {
    "city": ("市级", "City"),
    "town": ("镇街级", "Town"),
    "community": ("村（社区）级", "Community"),
    "estate": ("小区级", "Estate"),
}
CHANNELS = {
    "patrol": ("巡查上报", "Patrol"),
    "citizen": ("公众上报", "Citizen"),
    "hotline": ("12345热线", "Hotline 12345"),
    "department": ("部门推送", "Department"),
}
AREA_LEVELS = {
    "city": ("市", "City"),
    "district": ("区县", "District"),
    "town": ("镇街", "Town"),
    "community": ("村（社区）", "Community"),
}
CONSULTATION_STAGES = {
    "collect": ("收集意见", "Collecting opinions"),
    "topic": ("确定议题", "Setting the topic"),
    "deliberate": ("协商讨论", "Deliberating"),
    "form": ("形成方案", "Forming the plan"),
    "carry_out": ("组织实施", "Carrying it out"),
    "evaluate": ("评估反馈", "Evaluation and feedback"),
}
CONSULTATION_KINDS = {
    "plan": ("网格方案", "Grid plan"),
    "facility": ("服务设施", "Facility"),
    "other": ("其他议题", "Other"),
}
PLAN_STATES = {
    "draft": ("草案", "Draft"),
    "consultation": ("征求意见", "In consultation"),
    "coming": ("待生效", "To come"),
    "published": ("已发布", "Published"),
    "superseded": ("已废止", "Superseded"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
GRID_KINDS = {"basic": ("基础网格", "Basic grid"), "dedicated": ("专属网格", "Dedicated grid")}
ROLE_NAMES = {
    "administrator": ("管理员", "Administrator"),
    "planner": ("网格规划", "Grid planner"),
    "dispatcher": ("调度员", "Dispatcher"),
    "auditor": ("覆盖审计", "Coverage auditor"),
    "officer": ("网格员", "Grid officer"),
    "department": ("入格部门", "Department"),
    "viewer": ("访客", "Viewer"),
}
