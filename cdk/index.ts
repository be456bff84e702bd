export { Prewarm, type PrewarmProps } from "./prewarm.js";
export type { PrewarmOptions } from "./prewarm-function.js";
export { PrewarmHook, type PrewarmHookProps } from "./prewarm-hook.js";
export { WarmupSchedule, type WarmupScheduleProps } from "./warmup-schedule.js";
