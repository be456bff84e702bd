// Measures one contender's requests, and prints ns per request (median over batches). Usage:
// node business.mjs <contender> <ms to measure>
import middy from "@middy/core";
import middyWarmup from "@middy/warmup";
import lambdaWarmer from "lambda-warmer";
import warmup from "middy-lambda-warmer";
import { Bench } from "tinybench";

const [contender = "", time = "500"] = process.argv.slice(2);

const middlewares = {
	"bare Middy": [],
	"an empty middleware": [{ before() {} }],
	"middy-lambda-warmer": [warmup()],
	"lambda-warmer": [
		{
			async before({ event, context }) {
				if (await lambdaWarmer(event, {}, context)) return "warmed";
			},
		},
	],
	"@middy/warmup": [middyWarmup()],
};

// Middy's timer for each request would cost more than the middlewares that are compared.
const handler = middy({ timeoutEarlyInMillis: 0 })
	.use(middlewares[contender])
	.handler(async () => ({ statusCode: 200, body: "hello" }));

/** As API Gateway sends it (payload format 2.0). */
const request = JSON.stringify({
	version: "2.0",
	routeKey: "GET /orders/{id}",
	rawPath: "/orders/1",
	rawQueryString: "expand=lines",
	headers: { accept: "application/json", "x-forwarded-proto": "https" },
	queryStringParameters: { expand: "lines" },
	requestContext: {
		apiId: "abcdef1234",
		http: { method: "GET", path: "/orders/1", sourceIp: "203.0.113.7" },
		stage: "$default",
	},
	pathParameters: { id: "1" },
	isBase64Encoded: false,
});
/** Parsed one by one, as the runtime does. */
const requests = Array.from({ length: 1000 }, () => JSON.parse(request));
const context = {
	functionName: "api",
	functionVersion: "$LATEST",
	invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:api",
	awsRequestId: "0f6b1c1e-6d0b-4f2f-9a77-3a1d5f0c2b11",
	getRemainingTimeInMillis: () => 3000,
};

/** A request is too short for the clock, so a sample is the mean of a batch. */
const batch = async () => {
	const begun = performance.now();
	for (const request of requests) await handler(request, context);
	const duration = performance.now() - begun;
	return { overriddenDuration: duration / requests.length, overriddenIterationCost: duration };
};

const bench = new Bench({
	time: Number(time),
	warmupTime: Number(time) / 2,
	throws: true,
}).add(contender, batch, { async: true });
await bench.run();
const { result } = bench.tasks[0];
process.stdout.write(String(1e6 * result.latency.p50));
