// Prints how many promises our middleware's hook allocates for a business request, and how many an async hook does, as
// JSON: the latter shows that the count works.
import { promiseHooks } from "node:v8";
import warmup from "middy-lambda-warmer";
import { apiGatewayEvents, context } from "./requests.mjs";

const events = apiGatewayEvents(100);

const promisesOf = (before) => {
	let promises = 0;
	const stop = promiseHooks.onInit(() => {
		promises++;
	});
	for (const event of events) before({ event, context, internal: {} });
	stop();
	return promises / events.length;
};

process.stdout.write(
	JSON.stringify({
		ours: promisesOf(warmup().before),
		asyncHook: promisesOf(async () => {}),
	}),
);
