/** A thread that helps the CPU engine. */
import { type MessagePort, parentPort } from "node:worker_threads";
import { help } from "../cpu/helper";
import { Replicas } from "../model/replica";
import { ownerChannel } from "./helper-threads";

help(ownerChannel(parentPort as MessagePort), (device) => new Replicas(device).perform);
