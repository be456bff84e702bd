// Logs Insights queries over the middleware's entries, which Lambda's JSON log format puts under `message`.

/** Environments reached, in percent of those requested. */
export const COVERAGE = [
	'filter message.action = "warmer-report" and not ispresent(message.skipped)',
	"fields least(message.warmed, message.requested) as reached",
	"stats 100 * sum(reached) / sum(message.requested) as coverage by bin(5m)",
];

/** Environments that pings had to start: no request waited for these cold starts. */
export const COLD_STARTS_BY_PINGS = [
	'filter message.action = "warmer-report" and not ispresent(message.skipped)',
	"stats sum(message.cold) as coldStartsTakenByPings by bin(5m)",
];

/** Requests that had to start an environment: their users waited. Logs Insights reads `true` as 1. */
export const COLD_STARTS_BY_REQUESTS = [
	'filter message.action = "warmer"',
	"stats sum(message.coldStart) as coldStartsMetByRequests by bin(5m)",
];

/** Requests that met a cold start, in percent of all requests. */
export const COLD_START_SHARE = [
	'filter message.action = "warmer" and message.requests > 0',
	"stats 100 * sum(message.coldStart) / sum(message.requests) as percentOfRequests by bin(1h)",
];

/** Warm environments beyond the peak of the requests between two pings. If the fewest are many, N is too high. */
export const UNUSED_ENVIRONMENTS = [
	'filter message.action = "warmer-report" and ispresent(message.traffic.peak)',
	"fields message.warmed - message.traffic.peak as unused",
	"stats avg(unused) as averageUnused, min(unused) as fewestUnused by bin(1h)",
];

/** Environments by the time since their last request. */
export const IDLE_ENVIRONMENTS = [
	'filter message.action = "warmer"',
	"stats latest(message.lastAccessedSeconds) as secondsSinceLastRequest, count(*) as pings by message.id",
	"sort secondsSinceLastRequest desc",
];
