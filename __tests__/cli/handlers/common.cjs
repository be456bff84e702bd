// Middy itself cannot be required.
const chain = Promise.all([import("@middy/core"), import("middy-lambda-warmer")]).then(
	([{ default: middy }, { default: warmup }]) =>
		middy()
			.use(warmup({ flag: "wake" }))
			.handler(async (event) => {
				console.log(`greets ${event.name}, of ${process.env.PLACE}`);
				return process.env.AWS_PROFILE;
			}),
);

exports.orders = async (event, context) => (await chain)(event, context);
