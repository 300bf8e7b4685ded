/** Plans what a double does with its next calls: fail them, or hold them until they are let go. */
export class FaultPlan<Fault> {
  readonly #faults: { call: string; fault: Fault; left: number }[] = [];
  readonly #gates: { call: string; opened: Promise<void> }[] = [];

  /** The next `times` calls of this name get `fault`; plans are used up in the order made. */
  fail(call: string, fault: Fault, times = 1): void {
    this.#faults.push({ call, fault, left: times });
  }

  /** Calls of this name wait until the returned function is called. */
  hold(call: string): () => void {
    let open = () => {};
    const gate = {
      call,
      opened: new Promise<void>((resolve) => {
        open = resolve;
      }),
    };
    this.#gates.push(gate);
    return () => {
      const place = this.#gates.indexOf(gate);
      if (place !== -1) this.#gates.splice(place, 1);
      open();
    };
  }

  /** Waits while the call is held, then says which fault it gets, if any. */
  async next(call: string): Promise<Fault | undefined> {
    await Promise.all(this.#gates.filter((gate) => gate.call === call).map((gate) => gate.opened));
    const planned = this.#faults.find((plan) => plan.call === call && plan.left > 0);
    if (planned === undefined) return undefined;
    planned.left--;
    return planned.fault;
  }

  /** Forgets all plans that were not used. */
  clear(): void {
    this.#faults.length = 0;
  }
}
