// One contender's business request, in a process of its own: prints ns per request, the median over batches.
// Usage: node business.mjs <contender> <ms to measure>
import middy from "@middy/core";
import middyWarmup from "@middy/warmup";
import lambdaWarmer from "lambda-warmer";
import warmup from "middy-lambda-warmer";
import { Bench } from "tinybench";
import { apiGatewayEvents, context } from "./requests.mjs";

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

// Middy's own timer, set anew for each request, would cost more than all that is compared here.
const handler = middy({ timeoutEarlyInMillis: 0 })
	.use(middlewares[contender])
	.handler(async () => ({ statusCode: 200, body: "hello" }));

const requests = apiGatewayEvents(1000);

/** A request takes too short a time for the clock, so a sample is the mean of a batch. */
const batch = async () => {
	const begun = performance.now();
	for (const request of requests) await handler(request, context);
	const duration = performance.now() - begun;
	return {
		overriddenDuration: duration / requests.length,
		overriddenIterationCost: duration,
	};
};

const bench = new Bench({
	time: Number(time),
	warmupTime: Number(time) / 2,
	throws: true,
}).add(contender, batch, { async: true });
await bench.run();
const { result } = bench.tasks[0];
process.stdout.write(String(1e6 * result.latency.p50));
