package dev.troupe.pricing.fd.internal;

/** What happens to values around a time step. */
interface StepCondition {
  /** Adds {@code dt} times a source to the step's right-hand side. */
  void source(double dt, double[][] rightHandSide);

  /** Corrects the values after a step that ends so many years to expiry. */
  void after(double dt, double toExpiry, double[][] u);

  /** Corrects the values after a jump: not a step, no time passes. */
  void afterJump(double toExpiry, double[][] u);

  /** No condition: European. */
  StepCondition NONE =
      new StepCondition() {
        @Override
        public void source(double dt, double[][] rightHandSide) {}

        @Override
        public void after(double dt, double toExpiry, double[][] u) {}

        @Override
        public void afterJump(double toExpiry, double[][] u) {}
      };
}
