import { expect, test } from "@jest/globals";
import { parseReply } from "../../cli/ping-reply.js";
import { report } from "./support.js";

const json = JSON.stringify(report);

test.each([
	["plain JSON", json],
	["JSON in a string", JSON.stringify(json)],
	["JSON in a string without escaped quotes, as from serverless-offline", `"${json}"`],
])("finds a report that is %s", (_, text) => {
	expect(parseReply(text)).toEqual({ kind: "report", report });
});

test.each(["warmed", '"warmed"'])("recognizes %s as the answer of a warmer without reports", (text) => {
	expect(parseReply(text)).toEqual({ kind: "warmed" });
});

test.each(["", "null", "[]", '"', '{"action":"warmer"}', '{"action":"warmer-report"}'])(
	"takes %j for an answer of the handler",
	(text) => {
		expect(parseReply(text)).toEqual({ kind: "other" });
	},
);
