import serverlessExpress from "@codegenie/serverless-express";
import express from "express";

export const startApplication = async () => {
	const app = express();
	app.get("/orders", (_request, response) => {
		response.json({ framework: "express" });
	});
	return serverlessExpress({ app });
};
