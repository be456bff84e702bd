const { warmup } = require("middy-lambda-warmer");

// As Lambda starts Node.js 20 and 22, no version of Middy can be loaded by `require`.
const middyfied = import("@middy/core").then(({ default: middy }) =>
	middy()
		.use(warmup())
		.handler(async () => {
			console.log("business");
			return { statusCode: 200, body: "business" };
		}),
);

exports.handler = async (event, context) => (await middyfied)(event, context);
