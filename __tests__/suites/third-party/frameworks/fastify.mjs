import awsLambdaFastify from "@fastify/aws-lambda";
import Fastify from "fastify";

export const startApplication = async () => {
	const app = Fastify();
	app.get("/orders", async () => ({ framework: "fastify" }));
	const serve = awsLambdaFastify(app);
	await app.ready();
	return serve;
};
