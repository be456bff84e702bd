import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

const service = (name, options) =>
	middy()
		.use(warmup(options))
		.handler(async (event) => ({ service: name, event }));

const services = [
	service("orders", { flag: "orders", concurrency: 3 }),
	service("stock", { flag: "stock", concurrency: 2, delay: 100 }),
];

/**
 * Two services with different options in one process. `{ together: [event, event] }` is served by both at once, as
 * where one environment serves several requests; any other event by the one that its `path` names, and a ping or a
 * child by the one whose flag it carries.
 */
export const handler = async (event, context) => {
	const [orders, stock] = services;
	if (event.together) {
		const [one, other] = event.together;
		return Promise.all([orders(one, context), stock(other, context)]);
	}
	return event.path === "/stock" || event.stock ? stock(event, context) : orders(event, context);
};
