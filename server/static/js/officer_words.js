// A time of day, and why the server did not take something, as an officer reads it.

import { language, t } from "./words.js";

const timeZone = document.documentElement.dataset.timezone ?? "Asia/Shanghai";
const hours = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit", timeZone });

export const clock = (moment) => hours.format(new Date(moment));

const REASONS = {
  StaleCase: "Somebody changed this case meanwhile.",
  StepRefused: "The case no longer takes this step, or it is in other hands.",
  NotFound: "It is no longer there, or no longer yours.",
  PhotoNotKept: "The server cannot keep photos now.",
  BadPhoto: "The server cannot read a photo.",
  NotInTheField: "Your account belongs to no member of staff, so it has no field work.",
};

/** Why, in the reader's words; in the server's own where there are none. */
export const reasonOf = ({ kind, detail }) => (REASONS[kind] ? t(REASONS[kind]) : `${t("The server did not take it.")} ${detail ?? ""}`);
