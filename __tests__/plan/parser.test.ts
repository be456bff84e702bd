import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createParser, type Parsed, ParseError, type ParserOptions } from "../../plan/index.js";

const parse = (text: string, options: Partial<ParserOptions> = {}): Parsed => {
	const parser = createParser({ assumedDurationMs: 300, ...options });
	parser.push(text);
	return parser.end();
};

/** Requests as [ISO 8601, duration in ms]. */
const requestsOf = ({ requests }: Parsed) =>
	Array.from(requests.startedAt, (at, index) => [
		new Date(at).toISOString(),
		Number((requests.durationMs[index] ?? Number.NaN).toFixed(3)),
	]);

const first = "2026-11-28T14:03:22.123Z";
const second = "2026-11-28T14:03:23.456Z";
const epochMs = Date.parse(first);

const alb = (creation: string, targetTime: string) =>
	`https 2026-11-28T14:03:25.000000Z app/shop/50dc6c495c0c9188 192.0.2.1:2817 - 0.000 ${targetTime} 0.000 200 200 34 366 "GET https://example.com:443/a b HTTP/1.1" "curl/8 \\x22x\\x22" ECDHE TLSv1.2 arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/orders/73e2 "Root=1-58337262" "example.com" "arn:aws:acm:us-east-1:123456789012:certificate/1" 0 ${creation} "forward" "-" "-" "-" "-" "-" "-"`;

describe("reads requests from", () => {
	test.each([
		["a CSV with ISO 8601 and ms", `timestamp,duration\n${first},42\n${second},1.5\n`],
		["a CSV with epoch ms and s", `status,start_time,latency_s\n200,${epochMs},0.042\n200,${epochMs + 1333},0.0015\n`],
		["a CSV with fractional epoch s", `time;Duration (ms)\n${epochMs / 1000};42\n${(epochMs + 1333) / 1000};1.5\n`],
		["a CSV with a zone and quotes", `"Date","duration"\r\n"2026-11-28 16:03:22,123+02:00","42"\r\n${second},1.5\r\n`],
		["a CSV without a header", `x,${first}\nx,${second}\n`],
		["a CSV in another order", `timestamp,duration\n${second},1.5\n${first},42\n`],
		["JSON lines", `{"timestamp":"${first}","durationMs":42}\n{"durationMs":1.5,"timestamp":${epochMs + 1333}}\n`],
		[
			"the CSV of CloudWatch Logs Insights",
			`@timestamp,@duration,@initDuration,@message\n2026-11-28 14:03:22.665,42,500,"REPORT RequestId: 1\tDuration: 42 ms\n"\n2026-11-28 14:03:23.4575,1.5,,"REPORT ""2"""\n`,
		],
		[
			"the JSON of CloudWatch Logs Insights",
			`[\n {"@timestamp":"2026-11-28 14:03:22.665","@duration":"42","@initDuration":"500"},\n {"@timestamp":"2026-11-28 14:03:23.4575","@duration":"1.5","@initDuration":""}\n]`,
		],
		[
			"the answer of aws logs get-query-results",
			JSON.stringify(
				{
					results: [
						[
							{ field: "@timestamp", value: "2026-11-28 14:03:22.665" },
							{ field: "@duration", value: "42" },
							{ field: "@initDuration", value: "500" },
						],
						[
							{ field: "@timestamp", value: "2026-11-28 14:03:23.4575" },
							{ field: "@duration", value: "1.5" },
						],
					],
					status: "Complete",
				},
				null,
				2,
			),
		],
		["an access log of a load balancer", `${alb(first, "0.042")}\n${alb(second, "0.0015")}\n`],
	])("%s", (name, text) => {
		const parsed = parse(text);
		const durations = name.includes("without a header") ? [300, 300] : [42, 1.5];
		expect(requestsOf(parsed)).toEqual([
			[first, durations[0]],
			[second, durations[1]],
		]);
		expect(parsed.badLineCount).toBe(0);
	});

	test.each(["", "example.com:443 "])("an access log of a web server, with %p before the address", (host) => {
		const line = `${host}192.0.2.7 - - [28/Nov/2026:16:03:22 +0200] "GET /a[1] HTTP/1.1" 200 123 "-" "curl"\n`;
		const { requests, resolutionMs, hasDurations } = parse(line);
		expect(Math.floor((requests.startedAt[0] ?? 0) / 1000)).toBe(Math.floor(epochMs / 1000));
		expect([resolutionMs, hasDurations]).toEqual([1000, false]);
	});
});

test("reads the same, in whatever pieces the text comes", () => {
	const text = `timestamp,function,duration\r\n${first},a,42\r\n"${second}","b ""x""\n",1.5\r\nbroken\r\n`;
	const whole = parse(text);
	fc.assert(
		fc.property(fc.array(fc.nat(text.length), { maxLength: 10 }), (cuts) => {
			const parser = createParser({ assumedDurationMs: 300 });
			const places = [0, ...cuts.sort((one, other) => one - other), text.length];
			for (const [index, place] of places.entries()) parser.push(text.slice(places[index - 1] ?? 0, place));
			expect(parser.end()).toEqual(whole);
		}),
	);
	expect(whole.badLineCount).toBe(1);
});

test("says what cold starts cost, if the file reports them", () => {
	const rows = [500, 900, 700].map((init) => `2026-11-28 14:03:22.665,42,${init}`);
	const { coldStarts, initMs } = parse(
		["@timestamp,@duration,@initDuration", ...rows, "2026-11-28 14:04:22.665,42,"].join("\n"),
	);
	expect([coldStarts, initMs]).toEqual([3, 700]);
});

describe("a file with several functions", () => {
	const text = `timestamp,function\n${first},a\n${second},b\n${second},b\n`;

	test("is counted as one without a choice, and lists them", () => {
		const { requests, functions } = parse(text);
		expect(requests.startedAt).toHaveLength(3);
		expect(functions).toEqual([
			["b", 2],
			["a", 1],
		]);
	});

	test("gives the requests of the one that is chosen", () => {
		expect(requestsOf(parse(text, { functionName: "a" }))).toEqual([[first, 300]]);
	});
});

test("counts lines that it cannot read, and keeps three of them with their numbers", () => {
	const { badLineCount, badLines, requests } = parse(
		`timestamp,duration\n${first},1\nyesterday,1\n\n,1\n${first},-5\n17,2\n${first},2\n`,
	);
	expect(requests.startedAt).toHaveLength(2);
	expect(badLineCount).toBe(4);
	expect(badLines).toEqual([
		{ number: 3, text: "yesterday,1", problem: "timestamp is not a time" },
		{ number: 5, text: ",1", problem: "timestamp is not a time" },
		{ number: 6, text: `${first},-5`, problem: "duration is negative" },
	]);
});

test.each([
	["a table without a timestamp", "id,size\n1,2\n"],
	["prose", "There was a farmer had a dog.\n"],
	["JSON that is cut off", `[{"timestamp":"${first}"},\n`],
	["JSON without a list", `{\n"timestamp":"${first}"\n}`],
])("refuses %s with an error that says so", (_, text) => {
	expect(() => parse(text)).toThrow(ParseError);
});

describe("timestamps that are all alike", () => {
	test.each([
		[60_000, "2026-11-28 14:03"],
		[1000, "2026-11-28T14:03:22Z"],
	])("are spread over their %p ms", (resolutionMs, time) => {
		const parsed = parse(`timestamp\n${`${time}\n`.repeat(50)}`);
		expect(parsed.resolutionMs).toBe(resolutionMs);
		const { startedAt } = parsed.requests;
		expect(new Set(startedAt.map((at) => Math.floor(at / resolutionMs))).size).toBe(1);
		expect(new Set(startedAt).size).toBeGreaterThan(40);
		expect([...startedAt]).toEqual([...startedAt].sort((one, other) => one - other));
	});
});
