const { warmup } = require("middy-lambda-warmer");

// Middy 5 and 7 export nothing to `require`.
const middyfied = import("@middy/core").then(({ default: middy }) =>
	middy()
		.use(warmup())
		.handler(async () => {
			console.log("business");
			return { statusCode: 200, body: "business" };
		}),
);

exports.handler = async (event, context) => (await middyfied)(event, context);
