import type { QuestionName, Questions, Reply } from "../contracts";
import { Asker } from "./asker";
import { applyReply, type Session } from "./session";
import type { RunSetup } from "./setup";
import type { RunSource } from "./source";

/** The page's state before a recording. */
interface Left {
  readonly session: Session;
  readonly setup: RunSetup;
}

/** Switches between the engine and recordings; the engine continues to load during a recording. */
export class Sources {
  /** The source on screen. */
  current: RunSource;
  private left: Left | null = null;
  private readonly asker = new Asker((ask) => this.engine.send(ask));

  /** @param receive gets the replies of the source on screen */
  constructor(
    readonly engine: RunSource,
    private readonly receive: (reply: Reply) => void,
  ) {
    this.current = engine;
    this.listenTo(engine);
  }

  /** Switches to a recording, from the engine or another recording. */
  leaveFor(recording: RunSource, page: Left): void {
    this.left ??= page;
    this.current = recording;
    this.listenTo(recording);
  }

  /**
   * Switches back to the engine. @returns the page's earlier state, updated with what loaded meanwhile; null if no recording was
   * on
   */
  comeBack(): Left | null {
    const { left } = this;
    this.current = this.engine;
    this.left = null;
    return left;
  }

  /** Asks the engine, even during a recording. @throws KelvinError with the reason if there is no answer */
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
