// Commands, functions and operators of CloudWatch Logs Insights that the documentation uses.
const words = new Set(
	`fields filter stats sort limit display dedup by as desc asc and or not in like
	sum avg min max count count_distinct pct latest earliest least ispresent bin coalesce`.split(/\s+/),
);

/** Fields that Lambda's own JSON log lines have, by the schema of its Telemetry API. */
const platformFields = [
	"@timestamp",
	"@message",
	"@logStream",
	"requestId",
	"type",
	"record.metrics.durationMs",
	"record.metrics.billedDurationMs",
	"record.metrics.initDurationMs",
];

/**
 * The names in a query that are neither part of the language, nor an alias of the query itself, nor a field.
 *
 * @param entryFields of the middleware's entries, without the key under which they are logged
 */
export function unknownNames(query: string, entryFields: ReadonlySet<string>): string[] {
	const code = query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""').replace(/#.*$/gm, "");
	const aliases = new Set([...code.matchAll(/\bas\s+(\w+)/g)].map(([, alias]) => alias));
	// A number with a unit, as in bin(5m), is no name.
	const names = code.match(/(?<![\w.@])[@A-Za-z_][\w.@]*/g) ?? [];
	return names.filter(
		(name) =>
			!words.has(name) &&
			!aliases.has(name) &&
			!platformFields.includes(name) &&
			!entryFields.has(/^(?:message|warmer)\.(\w+)/.exec(name)?.[1] ?? ""),
	);
}
