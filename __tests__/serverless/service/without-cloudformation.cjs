/** For `osls deploy` on a machine without AWS: takes out of its life cycle what calls CloudFormation and S3. */
module.exports = class {
	constructor({ pluginManager: { hooks } }) {
		this.hooks = {
			initialize: () => {
				for (const name of Object.keys(hooks)) {
					if (!/^(after:)?aws:(deploy:(deploy|finalize)|info):/.test(name)) continue;
					hooks[name] = [];
				}
			},
		};
	}
};
