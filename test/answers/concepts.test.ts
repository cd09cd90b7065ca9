import { describe, expect, test } from "vitest";
import { coverage } from "../../answers/concepts.ts";
import { inflections } from "../../answers/inflections.ts";

describe("a concept is used", () => {
  test.each([
    ["ride", "She was riding home."],
    ["stripe", "A striped shirt."],
    ["sky", "Grey skies."],
    ["lie", "He is lying down."],
    ["leaf", "The leaves fell."],
    ["happy", "The happiest child."],
    ["big", "A bigger house."],
    ["travel", "They travelled far."],
    ["feed", "The ducks were fed."],
    ["panic", "Nobody panicked."],
    ["open", "A bottle opener."],
    ["dogs", "One dog."],
    ["wedding", "Two weddings."],
    ["ice cream", "Creamy or not: creams on ice."],
    ["café", "Two cafés."],
  ])("%s: %s", (concept, text) => {
    expect(coverage(text, [concept]).missing).toEqual([]);
  });
});

describe("a shared stem is no use", () => {
  test.each([
    ["ski", "Grey skies."],
    ["rat", "They rated the film."],
    ["strip", "A striped shirt."],
    ["relate", "A relative came."],
    ["university", "The universe is large."],
    ["universe", "The university is large."],
    ["animation", "An animal slept."],
    ["operate", "An opera in town."],
    ["portable", "They came to port."],
    ["policy", "The police came."],
    ["author", "The authority came."],
    ["adventure", "Advent is near."],
    ["importance", "Imported goods."],
    ["evening", "Even so."],
    ["station", "A state of mind."],
    ["paste", "In the past."],
    ["corn", "Round the corner."],
  ])("%s: %s", (concept, text) => {
    expect(coverage(text, [concept]).covered).toEqual([]);
  });
});

test("regular inflections", () => {
  expect([...inflections("stop")]).toEqual(["stops", "stopped", "stopping"]);
  expect([...inflections("carry")]).toEqual(["carries", "carried", "carrying"]);
  expect([...inflections("die")]).toEqual(["dies", "died", "dying"]);
  expect([...inflections("see")]).toEqual(["sees", "seed", "seeing"]);
});
