import middy from "@middy/core";
import * as Sentry from "@sentry/aws-serverless";
import warmup from "middy-lambda-warmer";

Sentry.init({ dsn: process.env.TEST_SENTRY_DSN });

export const handler = Sentry.wrapHandler(
	middy()
		.use(warmup({ concurrency: 3 }))
		.handler(async ({ busyMs }) => {
			await new Promise((resolve) => setTimeout(resolve, busyMs));
			return "business";
		}),
);
