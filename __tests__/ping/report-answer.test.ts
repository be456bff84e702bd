import { describe, expect, test } from "@jest/globals";
import warmup from "../../src/index.js";
import { arn, contextFor } from "../support.js";
import { serviceWith, useFunctionVariables } from "./support.js";

useFunctionVariables();

describe("a ping that asks for its report", () => {
	const ask = { warmer: true, report: true };

	test("gets the report as the answer, as text", async () => {
		const { handler, reports } = serviceWith();
		const answered = await handler({ ...ask, concurrency: 3 }, contextFor());
		expect(JSON.parse(answered as string)).toEqual(reports()[0]);
		expect(reports()).toMatchObject([{ requested: 3, warmed: 3, protocol: "http/1.1" }]);
	});

	test.each<[string, object, object]>([
		["of one environment", {}, { requested: 1, warmed: 1 }],
		["of a test", { test: true, concurrency: 5 }, { requested: 5, skipped: "a test ping invokes nothing" }],
		[
			"for a refused target",
			{ target: "else" },
			{ warmed: 0, skipped: "the target is not listed in the option targets" },
		],
	])("gets a report when it is a ping %s", async (_, fields, expected) => {
		const { handler, sent } = serviceWith();
		const answered = await handler({ ...ask, ...fields }, contextFor());
		const report = JSON.parse(answered as string);
		expect(report).toMatchObject({ action: "warmer-report", rounds: 0, delay: 0, ...expected });
		expect(report).not.toHaveProperty("protocol");
		expect(sent).toEqual([]);
	});

	test("gets the reports of the pings that ask for them when it is an array", async () => {
		const { handler } = serviceWith({ targets: ["other"] });
		const answered = await handler(
			[
				{ ...ask, concurrency: 2 },
				{ ...ask, target: "other", concurrency: 2 },
			],
			contextFor(),
		);
		expect(JSON.parse(answered as string)).toMatchObject([
			{ target: arn, warmed: 2 },
			{ target: "other", warmed: 2 },
		]);
		const own = await handler([{ warmer: true }, { ...ask, target: "other" }], contextFor());
		expect(JSON.parse(own as string)).toEqual([expect.objectContaining({ target: "other" })]);
		const single = await handler([ask], contextFor());
		expect(JSON.parse(single as string)).toMatchObject([{ warmed: 1 }]);
	});

	test("gets no report when the field is not its own, not true, or a child's", async () => {
		const { handler } = serviceWith({ delay: 0 });
		for (const event of [
			{ warmer: true, report: "true" },
			Object.assign(Object.create({ report: true }), { warmer: true }),
			{ ...ask, __WARMER_INVOCATION__: 2 },
		]) {
			expect(await handler(event, contextFor())).toBe("warmed");
		}
	});

	test("gets the report from a handler that streams", async () => {
		const { before: hook } = warmup({ log: false });
		const answered = await hook?.({ event: ask, context: contextFor(), internal: {} } as never);
		expect(JSON.parse(answered as string)).toMatchObject({ warmed: 1 });
	});
});
