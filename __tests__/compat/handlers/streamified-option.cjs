const { default: middy } = require("@middy/core");
const { warmup } = require("middy-lambda-warmer");

exports.handler = middy({ streamifyResponse: true })
	.use(warmup())
	.handler(async () => {
		console.log("business");
		return "business";
	});
