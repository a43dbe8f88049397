"""Names of columns as they are met in practice, Chinese, English and pinyin initials, by what the column holds; surest first."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LON = _words("lon lng long longitude x 经度")
LAT = _words("lat latitude y 纬度")
LON_MORE = (*LON, *_words("lon_wgs84 jd jingdu x坐标 东经 point_x xcoord lon84 lng84 经度坐标"))
LAT_MORE = (*LAT, *_words("lat_wgs84 wd weidu y坐标 北纬 point_y ycoord lat84 纬度坐标"))
WKT = _words("wkt geom geometry the_geom shape_wkt wkb_geometry 几何 图形")
CODE = _words("""
    code 编码 代码 行政区划代码 行政区代码 区划代码 行政代码 统计用区划代码 adcode xzqdm xzqhdm qhdm dm bm gb pac areacode code_id
    编号 id
""")
GRID_CODE = (*_words("grid_code 网格编码 网格代码 网格编号 wgbm wgdm wgbh gridcode grid_id"), *CODE)
COMMUNITY = _words("""
    community 社区代码 社区编码 村社区代码 所属社区代码 所属社区 社区 村社区 村居 sqbm sqdm sqcode cjdm community_code comm_code
    zldwdm community_id sq
""")
NAME_ZH = _words("""
    name_zh 名称 中文名 中文名称 行政区名称 行政区划名称 区划名称 地名 name xzqmc xzqhmc qhmc mc 社区名称 镇街名称 name_cn name_chn
    cname fullname title
""")
NAME_EN = _words("name_en 英文名 英文名称 english ename eng_name 拼音 pinyin py")
PARENT = _words("""
    parent 上级 上级代码 上级编码 上级行政区 上级区划代码 父级 父级代码 所属镇街 镇街 所属街道 parent_code pcode parent_id sjdm sjbm
    fdm zjdm zjbm
""")
POPULATION = _words("""
    population 人口 人口数 总人口 常住人口 人数 户籍人口 实有人口 常住人口数 人口数量 pop popu rk rks zrk czrk rksl people residents
    pop_total totpop
""")
HOUSEHOLDS = _words("households 户数 家庭户数 总户数 家庭户 住户数 hh hs zhs hushu hhs household")
UNIT_TYPE = _words("unit_type 类型 单元类型 微社区类型 网格类型 种类 类别 type lx wglx dylx kind category")
FACILITY_KIND = _words("kind 类型 设施类型 设施类别 类别 种类 type sslx lx category")
FACILITY_NAME = (*_words("设施名称 ssmc"), *NAME_ZH)
LEVEL = _words("level 级别 层级 等级 设施级别 jb grade")
FLOOR_AREA = _words("floor_area_m2 建筑面积 用房面积 面积 floor_area area jzmj mj 建筑面积平方米")
CAPACITY = _words("capacity 容量 床位数 座位数 服务人数 接待能力 学位数 cap rl beds")
OPENING_HOURS = _words("opening_hours 开放时间 营业时间 服务时间 办公时间 hours opening kfsj")
PLACE_KIND = (*_words("place_kind 场所类型 场所类别 巡查对象 cslx"), *FACILITY_KIND)
NUMBER = _words("number n count 数量 个数 家数 sl gs")
STANDARD_MIN = _words("standard_min minutes 标准分钟 巡查分钟 时长")
INTERVAL_D = _words("interval_d days 巡查间隔 间隔天数 周期")
MATTER = _words("matter 事项 事项代码 入格事项 事项编码 事件类型 事件类别 问题类型 案件类型 matter_code sxdm sxbm type")
REPORTED_AT = _words("""
    reported_at 上报时间 发生时间 报告时间 受理时间 采集时间 发现时间 创建时间 report_time sbsj created_at create_time time
    时间 日期 date
""")
CLOSED_AT = _words("closed_at 结案时间 办结时间 完成时间 关闭时间 close_time jasj bjsj")
STATE = _words("state 状态 办理状态 事件状态 案件状态 status zt")
CHANNEL = _words("channel 来源 渠道 上报渠道 事件来源 问题来源 source ly sjly")
DESCRIPTION = _words("description 描述 事件描述 问题描述 内容 详情 说明 备注 desc ms content remark")
ROAD_CLASS = _words("""
    class highway fclass road_class roadclass road_type roadtype 道路等级 道路类型 道路级别 道路类别 等级 类型 级别 dldj lx type
    functional_class func_class fc kind
""")
ROAD_NAME = _words("name 道路名称 路名 名称 road_name roadname dlmc lm mc")
