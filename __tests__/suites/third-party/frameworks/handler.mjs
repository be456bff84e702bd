import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

const { startApplication } = await import(`./${process.env.FRAMEWORK}.mjs`);

let application;
const getApplication = () => {
	application ??= startApplication().then((serve) => {
		console.log("started");
		return serve;
	});
	return application;
};

export const handler = middy()
	.use(warmup({ onWarmup: getApplication }))
	.handler(async (event, context) => (await getApplication())(event, context));
