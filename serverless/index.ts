export { WarmupPlugin as default } from "./plugin.js";
export type { FunctionWarmup, PrewarmSettings, WarmupScheduleSettings, WarmupSettings } from "./settings.js";
