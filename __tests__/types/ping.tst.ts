import type {
	WarmupEntry,
	WarmupError,
	WarmupPing,
	WarmupRecord,
	WarmupReport,
	WarmupWarning,
} from "middy-lambda-warmer";
import { describe, expect, test } from "tstyche";

describe("WarmupPing", () => {
	test("is what a schedule may send", () => {
		expect<{ warmer: true }>().type.toBeAssignableTo<WarmupPing>();
		expect<{
			warmer: true;
			concurrency: number;
			target: string;
			test: boolean;
			report: boolean;
		}>().type.toBeAssignableTo<WarmupPing>();
	});

	test("is marked by the boolean true alone", () => {
		expect<{ concurrency: number }>().type.not.toBeAssignableTo<WarmupPing>();
		expect<{ warmer: false }>().type.not.toBeAssignableTo<WarmupPing>();
		expect<{ warmer: "true" }>().type.not.toBeAssignableTo<WarmupPing>();
	});

	test("takes a number for concurrency", () => {
		expect<{
			warmer: true;
			concurrency: string;
		}>().type.not.toBeAssignableTo<WarmupPing>();
	});
});

describe("entries", () => {
	test("are a record, a report or a warning", () => {
		expect<WarmupEntry>().type.toBe<WarmupRecord | WarmupReport | WarmupWarning>();
	});

	test("a record has lambda-warmer's fields and types", () => {
		expect<WarmupRecord>().type.toBeAssignableTo<{
			action: string;
			function: string;
			id: string;
			correlationId: string;
			count: number;
			concurrency: number;
			warm: boolean;
			lastAccessed: number | null;
			lastAccessedSeconds: string | null;
		}>();
		expect<WarmupRecord["start"]>().type.toBe<"cold" | "warm" | "proactive">();
	});

	test("a report counts what was asked for, what was reached and what went wrong", () => {
		expect<
			Pick<WarmupReport, "requested" | "warmed" | "cold" | "unverified" | "throttled" | "failed" | "timedOut">
		>().type.toBeAssignableTo<Record<string, number>>();
		expect<WarmupReport["errors"]>().type.toBe<WarmupError[]>();
		expect<WarmupError["hint"]>().type.toBe<string | undefined>();
		expect<WarmupReport["protocol"]>().type.toBe<"h2" | "http/1.1" | undefined>();
		expect<WarmupReport["skipped"]>().type.toBe<string | undefined>();
	});
});
