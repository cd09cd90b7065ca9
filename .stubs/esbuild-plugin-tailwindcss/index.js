export default () => ({ name: "stub", setup() {} });
