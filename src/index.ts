/**
 * A Middy middleware that keeps N execution environments of a Lambda function warm, and knows that it did.
 *
 * @module
 */

export { warmup, warmup as default } from "./middleware.js";
export {
	type InvokingClient,
	type WarmupOptions,
	warmupValidateOptions,
} from "./options.js";
export type { WarmupPing } from "./ping.js";
export type {
	WarmupEntry,
	WarmupError,
	WarmupRecord,
	WarmupReport,
	WarmupWarning,
} from "./report.js";
