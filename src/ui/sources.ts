import type { QuestionName, Questions, Reply } from "../contracts";
import { Asker } from "./asker";
import { applyReply, type Session } from "./session";
import type { RunSetup } from "./setup";
import type { RunSource } from "./source";

/** The page as it was left for a recording. */
interface Left {
  readonly session: Session;
  readonly setup: RunSetup;
}

/** Where runs come from: the engine, or a recording that is on in its place while the engine goes on loading. */
export class Sources {
  /** The one that is on screen. */
  current: RunSource;
  private left: Left | null = null;
  private readonly asker = new Asker((ask) => this.engine.send(ask));

  /** @param receive takes what the source on screen says */
  constructor(
    readonly engine: RunSource,
    private readonly receive: (reply: Reply) => void,
  ) {
    this.current = engine;
    this.listenTo(engine);
  }

  /** Put a recording on, in place of the engine or of another. */
  leaveFor(recording: RunSource, page: Left): void {
    this.left ??= page;
    this.current = recording;
    this.listenTo(recording);
  }

  /** Back to the engine. @returns the page as it was left, and what loaded meanwhile; null where no recording was on */
  comeBack(): Left | null {
    const { left } = this;
    this.current = this.engine;
    this.left = null;
    return left;
  }

  /** The engine answers, recording or not. @throws KelvinError saying why there is no answer */
  ask<K extends QuestionName>(question: K, asks: Questions[K]["asks"]): Promise<Questions[K]["answer"]> {
    return this.asker.ask(question, asks);
  }

  private listenTo(source: RunSource): void {
    source.listen((reply) => {
      if (this.asker.settle(reply)) return;
      if (source === this.current) this.receive(reply);
      else if (source === this.engine && this.left)
        this.left = { ...this.left, session: applyReply(this.left.session, reply) };
    });
  }
}
