import { routesFile, jsonSchema } from "./tools/routes/schema.ts";
console.log(jsonSchema().length);
const show=(v:unknown)=>console.log(JSON.stringify(routesFile.safeParse(v).error?.issues,null,1));
show({model:{defualt:"x",provider:"opnai",routes:[{match:{source_kind:"ownr",platfrm:"x"},modle:"x"},{modell:1},7],by_source:{foo:{}}}});
show({model:{routes:{}, platforms:{hub:{base_url:7}}, temperature:9},owners:{telegram:"42"},history_tokens:0});
show({model:[]});show({});
