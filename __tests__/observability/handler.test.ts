import { InvokeCommand, LambdaClient, TooManyRequestsException } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { handler } from "../../examples/observability/handler.js";
import { arn, contextFor, identity, payloadOf } from "../support.js";

const lambda = mockClient(LambdaClient);
const originalEnv = process.env;
let written: string;

beforeEach(() => {
	process.env = {
		...originalEnv,
		AWS_REGION: "eu-west-1",
		AWS_LAMBDA_FUNCTION_NAME: "api",
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
	};
	written = "";
	lambda.reset();
	lambda
		.on(InvokeCommand)
		.callsFake((input) => identity(`e${payloadOf(input).__WARMER_INVOCATION__}`, { start: "cold" }));
	// Powertools writes to the streams, past the global console.
	for (const stream of [process.stdout, process.stderr]) {
		jest.spyOn(stream, "write").mockImplementation((chunk) => {
			written += String(chunk);
			return true;
		});
	}
});
afterEach(() => {
	jest.restoreAllMocks();
	process.env = originalEnv;
});

const ping = (event: object, context = contextFor()) => handler(event as APIGatewayProxyEventV2, context);

/** What was written, a JSON object a line; warnings of Node.js and of the SDK come between. */
const lines = (): Record<string, unknown>[] =>
	written
		.split("\n")
		.filter((line) => line.startsWith("{"))
		.map((line) => JSON.parse(line) as Record<string, unknown>);
const metricLines = () => lines().filter((line) => "_aws" in line);
const logLines = () => lines().filter((line) => "warmer" in line);

describe("a ping of five", () => {
	test("publishes its report in the embedded metric format", async () => {
		expect(await ping({ warmer: true })).toBe("warmed");
		expect(metricLines()).toEqual([
			{
				_aws: {
					Timestamp: expect.any(Number),
					CloudWatchMetrics: [
						{
							Namespace: "Orders",
							Dimensions: [["service"]],
							Metrics: [
								{ Name: "EnvironmentsRequested", Unit: "Count" },
								{ Name: "EnvironmentsWarmed", Unit: "Count" },
								{ Name: "ColdStartsTakenByPings", Unit: "Count" },
								{ Name: "PingDuration", Unit: "Milliseconds" },
							],
						},
					],
				},
				service: "warmer",
				target: arn,
				EnvironmentsRequested: 5,
				EnvironmentsWarmed: 5,
				ColdStartsTakenByPings: expect.any(Number),
				PingDuration: expect.any(Number),
			},
		]);
		// The four children, and this process where no test has used it before.
		expect(metricLines()[0]?.ColdStartsTakenByPings).toBeGreaterThanOrEqual(4);
	});

	test("logs the record and the report, each under its own message", async () => {
		await ping({ warmer: true });
		expect(logLines()).toMatchObject([
			{
				level: "INFO",
				service: "orders",
				message: "warmer",
				warmer: { action: "warmer", count: 1, concurrency: 5 },
			},
			{
				level: "INFO",
				service: "orders",
				message: "warmer-report",
				warmer: { action: "warmer-report", requested: 5, warmed: 5 },
			},
		]);
	});

	test("that is throttled publishes what it reached, and logs why as a warning", async () => {
		lambda.on(InvokeCommand).rejects(
			new TooManyRequestsException({
				message: "Rate Exceeded.",
				$metadata: {},
			}),
		);
		expect(await ping({ warmer: true })).toBe("warmed");
		expect(metricLines()).toMatchObject([{ EnvironmentsRequested: 5, EnvironmentsWarmed: 1 }]);
		expect(logLines().at(-1)).toMatchObject({
			level: "WARN",
			message: `1 of 5 environments of ${arn} are known to be warm: 4 throttled`,
			warmer: { action: "warmer-warning" },
		});
	});
});

test("a ping under provisioned concurrency logs the reason, and publishes nothing", async () => {
	process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "provisioned-concurrency";
	expect(await ping({ warmer: true })).toBe("warmed");
	expect(metricLines()).toEqual([]);
	expect(logLines().at(-1)).toMatchObject({
		warmer: { skipped: expect.stringContaining("provisioned concurrency") },
	});
});

test("a request is answered, and neither publishes nor logs anything", async () => {
	expect(await handler({ rawPath: "/orders" } as APIGatewayProxyEventV2, contextFor())).toMatchObject({
		statusCode: 200,
		body: '{"path":"/orders"}',
	});
	expect(written).toBe("");
});
