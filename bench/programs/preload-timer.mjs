// The least that something which looks at a loop twenty times a second can cost.
setInterval(() => {}, 50).unref();
