// Logs Insights queries over the middleware's records, which Lambda's JSON log format puts under `message`.

/** Environments reached out of those asked for, in percent. */
export const COVERAGE = [
	'filter message.action = "warmer-report" and not ispresent(message.skipped)',
	"fields least(message.warmed, message.requested) as reached",
	"stats 100 * sum(reached) / sum(message.requested) as coverage by bin(5m)",
];

/** Environments that a ping had to start: cold starts that no request waited for. */
export const COLD_STARTS = [
	'filter message.action = "warmer-report" and not ispresent(message.skipped)',
	"stats sum(message.cold) as coldStartsTakenByPings by bin(5m)",
];

/** Environments by the time since their last request. Many long idle ones: the concurrency is too high. */
export const IDLE_ENVIRONMENTS = [
	'filter message.action = "warmer"',
	"stats latest(message.lastAccessedSeconds) as secondsSinceLastRequest, count(*) as pings by message.id",
	"sort secondsSinceLastRequest desc",
];
