import type { WarmupReport } from "middy-lambda-warmer";
import { ms } from "./terminal.js";

/** What a function made of a ping that asks for a report. */
export type PingReply =
	| { kind: "report"; report: WarmupReport }
	/** A warmer, but one that knows nothing of reports: an older version of this package, or lambda-warmer. */
	| { kind: "warmed" }
	/** A business handler's answer: no warmer saw the ping. */
	| { kind: "other" };

/**
 * Reads an answer as it came: JSON, or JSON in a string (of which serverless-offline does not escape the quotes).
 */
export const readAnswer = (text: string): PingReply => {
	for (const read of [text, unquoted(text), text.slice(1, -1)]) {
		if (read === "warmed") return { kind: "warmed" };
		const report = parse(read);
		if (isReport(report)) return { kind: "report", report };
	}
	return { kind: "other" };
};

const parse = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

const unquoted = (text: string): string => {
	const value = parse(text);
	return typeof value === "string" ? value : "";
};

const isReport = (value: unknown): value is WarmupReport =>
	(value as WarmupReport | null | undefined)?.action === "warmer-report";

/**
 * What a report says beside the number of environments, in sentences.
 *
 * @param asked how many environments the ping named
 */
export const describeReport = (
	{ requested, rounds, delay, protocol, durationMs, skipped, errors }: WarmupReport,
	asked = requested,
): string[] => [
	...(requested < asked
		? [`The middleware made ${requested} of the ${asked} asked for: raise its option maxConcurrency.`]
		: []),
	skipped === undefined
		? `It took ${rounds} ${rounds === 1 ? "round" : "rounds"} of invocations${protocol === undefined ? "" : ` over ${protocol}`} in ${ms(durationMs)} ms, with a hold of ${ms(delay)} ms.`
		: `Nothing was invoked: ${skipped}`,
	...describeErrors(errors),
];

/** Each kind of failure, with what to do about it. */
export const describeErrors = (errors: WarmupReport["errors"]): string[] =>
	errors.flatMap(({ name, message, count, hint }) => [
		`${count} × ${name}: ${message}`,
		...(hint === undefined ? [] : [`  ${hint}`]),
	]);
