/** The guard's text: one Python module, kept in parts. */
import gate from "./guard/gate.py?raw";
import jobs from "./guard/jobs.py?raw";
import literals from "./guard/literals.py?raw";
import normalForm from "./guard/normal_form.py?raw";
import settled from "./guard/settled.py?raw";
import state from "./guard/state.py?raw";
import variations from "./guard/variations.py?raw";

export const GUARD: string = [gate, settled, state, literals, variations, normalForm, jobs].join("\n");
