/** The tree that `@huggingface/jinja` parses a template to, as far as it is evaluated. */
export interface Operator {
  readonly value: string;
}

export type Node =
  | { readonly type: "Program"; readonly body: readonly Node[] }
  | { readonly type: "If"; readonly test: Node; readonly body: readonly Node[]; readonly alternate: readonly Node[] }
  | {
      readonly type: "For";
      readonly loopvar: Node;
      readonly iterable: Node;
      readonly body: readonly Node[];
      readonly defaultBlock: readonly Node[];
    }
  | { readonly type: "Break" | "Continue" | "Comment" }
  | { readonly type: "Set"; readonly assignee: Node; readonly value: Node | null; readonly body: readonly Node[] }
  | { readonly type: "Macro"; readonly name: Name; readonly args: readonly Node[]; readonly body: readonly Node[] }
  | {
      readonly type: "CallStatement";
      readonly call: Call;
      readonly callerArgs: readonly Node[] | null;
      readonly body: readonly Node[];
    }
  | { readonly type: "FilterStatement"; readonly filter: Name | Call; readonly body: readonly Node[] }
  | { readonly type: "MemberExpression"; readonly object: Node; readonly property: Node; readonly computed: boolean }
  | Call
  | Name
  | { readonly type: "IntegerLiteral" | "FloatLiteral"; readonly value: number }
  | { readonly type: "StringLiteral"; readonly value: string }
  | { readonly type: "ArrayLiteral" | "TupleLiteral"; readonly value: readonly Node[] }
  | { readonly type: "ObjectLiteral"; readonly value: ReadonlyMap<Node, Node> }
  | { readonly type: "BinaryExpression"; readonly operator: Operator; readonly left: Node; readonly right: Node }
  | { readonly type: "UnaryExpression"; readonly operator: Operator; readonly argument: Node }
  | { readonly type: "FilterExpression"; readonly operand: Node; readonly filter: Name | Call }
  | { readonly type: "TestExpression"; readonly operand: Node; readonly negate: boolean; readonly test: Name }
  | { readonly type: "SelectExpression"; readonly lhs: Node; readonly test: Node }
  | { readonly type: "Ternary"; readonly condition: Node; readonly trueExpr: Node; readonly falseExpr: Node }
  | { readonly type: "SliceExpression"; readonly start?: Node; readonly stop?: Node; readonly step?: Node }
  | { readonly type: "KeywordArgumentExpression"; readonly key: Name; readonly value: Node }
  | { readonly type: "SpreadExpression" | "KeywordSpreadExpression"; readonly argument: Node };

export interface Name {
  readonly type: "Identifier";
  readonly value: string;
}

export interface Call {
  readonly type: "CallExpression";
  readonly callee: Node;
  readonly args: readonly Node[];
}
