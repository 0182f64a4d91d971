/** What is priced and under which model: plain records, checked when made. */
package dev.troupe.pricing.model;
