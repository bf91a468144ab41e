import { describe, expect, it } from "vitest";
import { readableTensors } from "../../src/model/parameter-transfer";
import { createTiny, finish, generationRequests, openTestEngine, POLICY, trainingSequences } from "./models";

const { engine, name } = await openTestEngine();
const requests = generationRequests();
const all = { temperature: 1 };

describe(`a frozen reference on ${name}`, () => {
  it("keeps writing and scoring as the model did when it was frozen", async () => {
    const model = await createTiny(engine);
    const reference = await model.freezeReference();
    const sequences = trainingSequences();
    const before = await model.score(sequences);
    const written = await finish(model.generate(requests, all));
    await model.update(sequences, POLICY, 0.05);
    expect(await reference.score(sequences)).toEqual(before);
    expect(await finish(reference.generate(requests, all))).toEqual(written);
    expect(await model.score(sequences)).not.toEqual(before);
    model.destroy();
  });

  it("can be made of the weights the model was loaded with, after it has changed", async () => {
    const model = await createTiny(engine);
    const weights = await model.tensors();
    const written = await finish(model.generate(requests, all));
    await model.update(trainingSequences(), POLICY, 0.05);
    expect(await finish(model.generate(requests, all))).not.toEqual(written);
    const again = await model.freezeWeights(readableTensors(weights));
    expect(await finish(again.generate(requests, all))).toEqual(written);
    model.destroy();
  });
});
