/**
 * A Middy middleware that keeps N execution environments of a Lambda function warm, and verifies it.
 *
 * @module
 */

export type { Demand } from "./demand/demand.js";
export type { WarmupTraffic } from "./demand/traffic.js";
export { warmup, warmup as default } from "./middleware.js";
export type { InvokingClient, WarmupOptions } from "./options.js";
export type { WarmupPing } from "./ping/parse.js";
export type {
	Protocol,
	StartType,
	WarmupEntry,
	WarmupError,
	WarmupRecord,
	WarmupReport,
	WarmupWarning,
} from "./report/report.js";
export { warmupValidateOptions } from "./resolve-options.js";
