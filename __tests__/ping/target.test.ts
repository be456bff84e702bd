import { describe, expect, test } from "@jest/globals";
import { arn, contextFor } from "../support.js";
import { serviceWith, useFunctionVariables } from "./support.js";

useFunctionVariables();

describe("a ping for another function", () => {
	test("invokes it once for each environment requested", async () => {
		const { handler, sent, reports } = serviceWith({ targets: ["other:prod"] });
		expect(await handler({ warmer: true, target: "other:prod", concurrency: 3 }, contextFor())).toBe("warmed");
		expect(sent.map(({ FunctionName }) => FunctionName)).toEqual(Array(3).fill("other:prod"));
		expect(reports()).toMatchObject([{ target: "other:prod", requested: 3, warmed: 3 }]);
	});

	test("is refused with a warning when it is not listed", async () => {
		const { handler, sent, reports, warnings } = serviceWith({ concurrency: 5 });
		expect(await handler({ warmer: true, target: "other" }, contextFor())).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toEqual([]);
		expect(warnings()).toEqual(['target "other" is not listed in the option targets: add it there to invoke it']);
	});

	test("warms this function when the target is another of its names", async () => {
		const { handler, sent } = serviceWith();
		await handler({ warmer: true, target: "api:prod", concurrency: 2 }, contextFor(`${arn}:prod`));
		expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([`${arn}:prod`]);
	});
});
