package dev.troupe.sft.internal;

import dev.troupe.lm.CausalLm;
import dev.troupe.lm.LowRankAdapters;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import java.nio.ByteBuffer;

/** What a run trains: all parameters of a model, or adapters of some. */
interface Trained {

  Layout layout();

  /** The values, flat. */
  ByteBuffer values();

  /** The gradient of {@link #values}, from that of the model's parameters. */
  ByteBuffer gradients(ByteBuffer ofModel);

  /** Brings changed values into the model. */
  void changed();

  /** Whether a rank can do with the gradient of a part of the model's parameters. */
  boolean isDivisible();

  /** All parameters. */
  static Trained all(CausalLm model) {
    return new Trained() {
      @Override
      public Layout layout() {
        return model.layout();
      }

      @Override
      public ByteBuffer values() {
        return model.parameters();
      }

      @Override
      public ByteBuffer gradients(ByteBuffer ofModel) {
        return ofModel;
      }

      @Override
      public void changed() {} // the model computes with them

      @Override
      public boolean isDivisible() {
        return true;
      }
    };
  }

  /** Adapters. */
  static Trained of(LowRankAdapters adapters) {
    ByteBuffer gradients = FlatMath.allocate(adapters.layout().size());
    return new Trained() {
      @Override
      public Layout layout() {
        return adapters.layout();
      }

      @Override
      public ByteBuffer values() {
        return adapters.values();
      }

      @Override
      public ByteBuffer gradients(ByteBuffer ofModel) {
        adapters.gradients(ofModel, gradients);
        return gradients;
      }

      @Override
      public void changed() {
        adapters.merge();
      }

      @Override
      public boolean isDivisible() {
        return false;
      }
    };
  }
}
