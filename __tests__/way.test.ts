import { describe, expect, test } from "@jest/globals";
import { http2Credit, type RoundResult } from "../src/way.js";

const round = (given: Partial<RoundResult> = {}): RoundResult => ({
	answered: false,
	transport: false,
	refused: false,
	waited: 1000,
	...given,
});
const answered = round({ answered: true });
const silent = round();
const cut = round({ transport: true, waited: 0 });
const refused = round({ transport: true, refused: true, waited: 0 });

test("HTTP/2 that is no way is never used, and blamed for nothing", () => {
	const http2 = http2Credit(false);
	expect(http2.mayUse()).toBe(false);
	expect(http2.judge("http/1.1", answered)).toBeUndefined();
	expect(http2.mayUse()).toBe(false);
});

test("once ruled out, it stays so", () => {
	const http2 = http2Credit(true);
	expect(http2.mayUse()).toBe(true);
	http2.ruleOut();
	expect(http2.judge("http/1.1", answered)).toBeUndefined();
	expect(http2.mayUse()).toBe(false);
});

describe.each(["direct", "h2"] as const)("rounds of the way %s", (way) => {
	test.each([
		[answered, "switched", false],
		[silent, undefined, true],
	] as const)("what is refused goes over HTTP/1.1, and stays there if that works: %j", (next, verdict, mayUse) => {
		const http2 = http2Credit(true);
		expect(http2.judge(way, refused)).toBe("retry");
		expect(http2.mayUse()).toBe(false);
		expect(http2.judge("http/1.1", next)).toBe(verdict);
		expect(http2.mayUse()).toBe(mayUse);
	});

	test("HTTP/2 that works is not doubted for what it did not carry", () => {
		const http2 = http2Credit(true);
		expect(http2.judge(way, answered)).toBeUndefined();
		for (let ping = 0; ping < 3; ping++) expect(http2.judge(way, silent)).toBeUndefined();
		expect(http2.judge(way, refused)).toBe("retry");
	});

	test("what is cut off is tried once more, and again once it has answered", () => {
		const http2 = http2Credit(true);
		expect(http2.judge(way, cut)).toBeUndefined();
		expect(http2.judge(way, cut)).toBe("retry");
		http2.judge("http/1.1", silent);
		expect(http2.judge(way, cut)).toBeUndefined();
		http2.judge(way, answered);
		expect(http2.judge(way, cut)).toBeUndefined();
		expect(http2.judge(way, cut)).toBe("retry");
	});

	test("HTTP/2 is doubted after two rounds of silence, if it never worked, and there was time for an answer", () => {
		const http2 = http2Credit(true);
		for (let hasty = 0; hasty < 3; hasty++) {
			expect(http2.judge(way, round({ waited: 999 }))).toBeUndefined();
		}
		expect(http2.judge(way, silent)).toBeUndefined();
		expect(http2.judge(way, silent)).toBe("retry");
		expect(http2.judge("http/1.1", silent)).toBeUndefined();
		// Back, with two rounds again.
		expect(http2.mayUse()).toBe(true);
		expect(http2.judge(way, silent)).toBeUndefined();
	});
});
