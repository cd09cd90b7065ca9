#!/usr/bin/env node
import { ensureBuilt } from "./build.mjs";

ensureBuilt();
await import("../dist/cli/main.js");
