package dev.troupe.core;

/**
 * The program of each rank of a gang: a record whose components are its whole input, the same for
 * all ranks.
 *
 * <p>{@link #run} is called once a <em>generation</em>. Any change of membership ends the
 * generation: collectives throw {@link GenerationEndedException}, which the member lets pass, and
 * {@code run} is called again with the new ranks. It then goes on from {@link GangContext#resume}.
 * What a member keeps in {@link GangContext#cached} and {@link GangContext#memory} is still there.
 *
 * @param <R> the result, taken from rank 0
 */
public interface GangMember<R> {

  R run(GangContext gang) throws Exception;
}
