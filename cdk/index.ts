export { Prewarm, type PrewarmProps } from "./prewarm.js";
export { WarmupSchedule, type WarmupScheduleProps } from "./warmup-schedule.js";
