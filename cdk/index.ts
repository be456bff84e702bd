export { WarmupSchedule, type WarmupScheduleProps } from "./warmup-schedule.js";
