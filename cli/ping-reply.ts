import type { WarmupReport } from "middy-lambda-warmer";
import type { Demand } from "../src/demand/demand.js";
import type { WarmupTraffic } from "../src/demand/traffic.js";

/** A report of any version: those before 0.3 say nothing about demand. */
export interface PingReport extends WarmupReport {
	traffic?: WarmupTraffic;
	recommended?: number;
	demand?: Demand;
	basis?: string;
}

/** How a function answered a ping that asks for a report. */
export type PingReply =
	| { kind: "report"; report: PingReport }
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

const isReport = (value: unknown): value is PingReport => {
	const fields = Object(value);
	return (
		fields.action === "warmer-report" &&
		Array.isArray(fields.errors) &&
		REPORT_NUMBERS.every((name) => typeof fields[name] === "number")
	);
};
