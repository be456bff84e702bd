import type { WarmupReport } from "middy-lambda-warmer";

/** How a function answered a ping that asks for a report. */
export type PingReply =
	| { kind: "report"; report: WarmupReport }
	/** By a warmer without reports: lambda-warmer, or this package before 0.2. */
	| { kind: "warmed" }
	/** By its own handler: no warmer recognized the ping. */
	| { kind: "other" };

/**
 * Parses an answer: plain JSON, or JSON in a string. serverless-offline does not escape the quotes in that string, hence
 * the third attempt.
 */
export const parseReply = (text: string): PingReply => {
	for (const candidate of [text, unquote(text), text.slice(1, -1)]) {
		if (candidate === "warmed") return { kind: "warmed" };
		const report = parseJson(candidate);
		if (isReport(report)) return { kind: "report", report };
	}
	return { kind: "other" };
};

const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

const unquote = (text: string): string => {
	const value = parseJson(text);
	return typeof value === "string" ? value : "";
};

const REPORT_NUMBERS = ["requested", "warmed", "cold", "rounds", "delay", "durationMs"] as const;

const isReport = (value: unknown): value is WarmupReport => {
	const fields = Object(value);
	return (
		fields.action === "warmer-report" &&
		Array.isArray(fields.errors) &&
		REPORT_NUMBERS.every((name) => typeof fields[name] === "number")
	);
};
