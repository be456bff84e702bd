// Business requests as API Gateway sends them (payload format 2.0), and the context that Lambda gives with them.

const event = {
	version: "2.0",
	routeKey: "GET /orders/{id}",
	rawPath: "/orders/1",
	rawQueryString: "expand=lines",
	cookies: ["session=4f7a"],
	headers: {
		accept: "application/json",
		"content-length": "0",
		host: "abcdef1234.execute-api.eu-west-1.amazonaws.com",
		"user-agent": "curl/8.5.0",
		"x-amzn-trace-id": "Root=1-65f1c0de-0123456789abcdef01234567",
		"x-forwarded-for": "203.0.113.7",
		"x-forwarded-port": "443",
		"x-forwarded-proto": "https",
	},
	queryStringParameters: { expand: "lines" },
	requestContext: {
		accountId: "123456789012",
		apiId: "abcdef1234",
		domainName: "abcdef1234.execute-api.eu-west-1.amazonaws.com",
		domainPrefix: "abcdef1234",
		http: {
			method: "GET",
			path: "/orders/1",
			protocol: "HTTP/1.1",
			sourceIp: "203.0.113.7",
			userAgent: "curl/8.5.0",
		},
		requestId: "JKJaXmPLvHcESHA=",
		routeKey: "GET /orders/{id}",
		stage: "$default",
		time: "12/Mar/2026:19:03:58 +0000",
		timeEpoch: 1773342238000,
	},
	pathParameters: { id: "1" },
	isBase64Encoded: false,
};

/** Parsed one by one, as the runtime does. */
export const apiGatewayEvents = (count) =>
	Array.from({ length: count }, () => JSON.parse(JSON.stringify(event)));

export const context = {
	callbackWaitsForEmptyEventLoop: true,
	functionName: "api",
	functionVersion: "$LATEST",
	invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:api",
	memoryLimitInMB: "512",
	awsRequestId: "0f6b1c1e-6d0b-4f2f-9a77-3a1d5f0c2b11",
	logGroupName: "/aws/lambda/api",
	logStreamName: "2026/03/12/[$LATEST]0123456789abcdef0123456789abcdef",
	getRemainingTimeInMillis: () => 3000,
};
